/** Style of the page, with the colours of the live one. */
export const STYLE = `
:root{color-scheme:light dark;--paper:#f5f1ea;--card:#fffdf9;--ink:#1e1b24;--quiet:#635e6b;--line:#e3dcd0;--negative:#5450cf;--neutral:#8b8690;--positive:#bf550a;--seen:#37505a;--soft:#dbe4e4;--alarm:#a32a1a;--alarm-soft:#fbe9e4}
@media (prefers-color-scheme:dark){:root{--paper:#0e0f14;--card:#171920;--ink:#f2eff6;--quiet:#a8a3b2;--line:#2b2d38;--negative:#9794ff;--neutral:#928d9a;--positive:#ff9b52;--seen:#9dbcc4;--soft:#25343a;--alarm:#ff9c8a;--alarm-soft:#3a1d1a}}
*{box-sizing:border-box}[hidden]{display:none!important}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 ui-sans-serif,system-ui,sans-serif;font-variant-numeric:tabular-nums}
main{max-width:1240px;margin:0 auto;padding:24px 16px;display:grid;gap:16px}
h1{font-size:24px;line-height:1.2;margin:0;overflow-wrap:anywhere}h2{font-size:14px;color:var(--quiet);margin:0}
p{margin:0}.quiet{color:var(--quiet);font-size:13px}header .quiet{margin-top:4px}
section:not(.figures),.card{background:var(--card);border:1px solid var(--line);border-radius:16px;padding:16px 20px}
.notices{margin:0;padding:12px 20px 12px 36px;border-radius:16px;background:var(--alarm-soft);color:var(--alarm);overflow-wrap:anywhere}
figure{margin:0}video{display:block;max-width:100%;max-height:360px;border-radius:16px;background:#000}
.top{display:flex;flex-wrap:wrap;justify-content:space-between;gap:4px 24px}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:4px 16px;margin:0;padding:0;font-size:13px;color:var(--quiet)}
.legend .source{position:relative;display:inline-block;width:20px;height:10px;margin-right:6px}
.legend svg{display:inline-block;width:20px;height:10px;margin-right:6px}
#reading{min-height:1.5em;margin:10px 0;font-weight:600}
.chart{position:relative;display:grid;grid-template-columns:max-content minmax(0,1fr);gap:10px 12px;cursor:crosshair;touch-action:pan-y}
.side{font-size:13px;color:var(--quiet);align-self:center}
.scale{align-self:stretch;display:flex;flex-direction:column;justify-content:space-between;text-align:right}
#plot{height:220px}#plot:focus-visible{outline:2px solid var(--negative);outline-offset:4px;border-radius:4px}
svg{display:block;width:100%;height:100%;overflow:visible}
svg *{vector-effect:non-scaling-stroke}
.grid{stroke:var(--line);stroke-dasharray:2 5}.zero{stroke:var(--line);stroke-width:1.5}
.high{stop-color:var(--positive)}.middle{stop-color:var(--neutral)}.low{stop-color:var(--negative)}
polyline{fill:none;stroke:url(#height);stroke-width:2.5;stroke-linejoin:round;stroke-linecap:round}.virtual{stroke-dasharray:2 5}
.alone{stroke:var(--seen);stroke-width:1.25;opacity:.75}.n1{stroke-dasharray:7 3}.n2{stroke-dasharray:3 3}
.band{fill:url(#height);opacity:.18}
.lane{position:relative;height:22px;border-radius:4px;overflow:hidden;background:var(--paper)}
.source{position:absolute;top:0;bottom:0}
.observed{background:var(--seen)}
.mixed{background:repeating-linear-gradient(135deg,var(--seen) 0 3px,var(--soft) 3px 5px)}
i.virtual{background:repeating-linear-gradient(135deg,var(--seen) 0 1px,var(--soft) 1px 5px)}
.absent{background:linear-gradient(var(--quiet),var(--quiet)) center/100% 1.5px no-repeat}
.ticks{position:relative;height:18px;font-size:12px;color:var(--quiet)}.ticks span{position:absolute;transform:translateX(-50%)}.ticks span:first-child{transform:none}
#cursor{position:absolute;top:0;bottom:18px;width:1.5px;background:var(--ink);opacity:.5;pointer-events:none}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(210px,100%),1fr));gap:16px}
.great{font-size:32px;font-weight:600;line-height:1.3}.card .quiet{margin-top:6px}
dl{display:grid;grid-template-columns:max-content minmax(0,1fr) max-content;gap:4px 12px;margin:8px 0 0;align-items:center}
dd{margin:0;text-align:right}dd:nth-of-type(odd){height:6px;border-radius:3px;background:var(--line);overflow:hidden}dd i{display:block;height:100%;background:var(--seen)}
footer{padding:0 4px}
@media print{body{background:none}section,.card{break-inside:avoid}#recording{display:none}}
`;
