/** Ends the program with one line where Node is too old for it; runs on those as well. */
export function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  const advice = 'install the newest LTS from https://nodejs.org';
  process.stderr.write(`undertone: Node ${process.versions.node} is older than 20.19; ${advice}\n`);
  process.exit(3);
}
