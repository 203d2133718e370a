/** What the page does: tells what is under the pointer or the arrow keys, and goes there in the recording. */
export const SCRIPT = `
const columns = JSON.parse(document.getElementById('columns').textContent);
const plot = document.getElementById('plot');
const recording = document.getElementById('recording');
const video = recording?.querySelector('video');
if (plot) {
  const cursor = document.getElementById('cursor');
  const reading = document.getElementById('reading');
  let at = 0;
  const show = (index) => {
    at = Math.max(0, Math.min(columns.length - 1, index));
    reading.textContent = columns[at].text;
    plot.setAttribute('aria-valuenow', at);
    plot.setAttribute('aria-valuetext', columns[at].text);
    cursor.hidden = false;
    cursor.style.left = plot.offsetLeft + plot.offsetWidth * (at + 1) / columns.length + 'px';
  };
  const under = (event) => {
    const { left, width } = plot.getBoundingClientRect();
    return Math.floor((event.clientX - left) / width * columns.length);
  };
  const go = () => {
    if (video && !video.hidden) video.currentTime = columns[at].startMs / 1000;
  };
  const chart = plot.parentElement;
  chart.addEventListener('pointermove', (event) => show(under(event)));
  chart.addEventListener('click', (event) => {
    if (under(event) < 0) return;
    show(under(event));
    go();
  });
  plot.addEventListener('keydown', (event) => {
    const steps = { ArrowLeft: -1, ArrowRight: 1, PageDown: -20, PageUp: 20, Home: -columns.length, End: columns.length };
    if (event.key === 'Enter') go();
    else if (steps[event.key]) show(at + steps[event.key]);
    else return;
    event.preventDefault();
  });
  window.addEventListener('resize', () => show(at));
  video?.addEventListener('timeupdate', () => {
    if (video.paused) return;
    const later = columns.findIndex((column) => column.startMs > video.currentTime * 1000);
    show((later < 0 ? columns.length : later) - 1);
  });
  show(0);
}
const unplayable = () => {
  video.hidden = true;
  recording.querySelector('figcaption').hidden = false;
};
if (video?.error) unplayable();
video?.addEventListener('error', unplayable);
`;
