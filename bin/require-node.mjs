/** Ends the program with one line where Node is one that package.json's `engines` leave out; runs on those as well. */
export function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major >= 24 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19)) return;
  const advice = 'install the newest LTS from https://nodejs.org';
  process.stderr.write(
    `undertone: needs Node 20.19, 22.12, or 24 and later, and this is ${process.versions.node}; ${advice}\n`,
  );
  process.exit(3);
}
