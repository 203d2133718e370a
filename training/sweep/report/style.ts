/** Style of the HTML report. */
export const STYLE = `
:root{color-scheme:light dark;--ink:#1b1d22;--quiet:#646a75;--line:#d9dce2;--paper:#fff;--fill:#0b62d6}
@media (prefers-color-scheme:dark){:root{--ink:#e8eaee;--quiet:#9aa1ad;--line:#363b44;--paper:#16181d;--fill:#5b9bf0}}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
main{max-width:1240px;margin:0 auto;padding:24px}
h1{font-size:26px}h2{font-size:20px;margin-top:40px;border-top:1px solid var(--line);padding-top:24px}
h3{font-size:16px}small,.quiet,figcaption{color:var(--quiet);font-weight:normal}
.note{border-left:3px solid #d55e00;padding-left:10px}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(380px,100%),1fr));gap:18px}
.figures.small{grid-template-columns:repeat(auto-fit,minmax(min(440px,100%),1fr))}
figure{margin:0}.pair{display:flex;gap:8px}.pair p{margin:0;text-align:center}
svg{width:100%;height:auto}.grid{stroke:var(--line)}.tick,.axis{fill:var(--quiet);font-size:11px}
.bar{fill:var(--fill);opacity:.6}.count{fill:var(--quiet)}.diagonal{stroke:var(--ink);stroke-dasharray:4 3}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:4px 18px;padding:8px 0;margin:0;position:sticky;top:0;background:var(--paper)}
.legend svg{width:28px;height:8px;margin-right:6px}
.table{overflow-x:auto;margin:14px 0}table{border-collapse:collapse;font-size:13px;font-variant-numeric:tabular-nums}
caption{text-align:left;font-weight:600;padding:4px 0}th,td{border-bottom:1px solid var(--line);padding:4px 10px;text-align:left;white-space:nowrap}
summary{cursor:pointer;margin:14px 0}
`;
