// Writes the pages of docs/ that come from the source: `node --import tsx scripts/make-docs.mjs`.
// With --check it writes nothing and ends with 1 where a page is not what the source says.
import { readFileSync, writeFileSync } from 'node:fs';
import { FoundationSettings } from '../models/foundation/config.ts';
import { RuntimeConfig, readRecordingConfig } from '../models/runtime/config.ts';
import { describeSettings } from '../models/settings.ts';
import { ToolPaths } from '../pipeline/replay/config.ts';
import { DEFAULT_DECODE_LIMITS } from '../pipeline/replay/limits.ts';
import { ServerConfig } from '../server/config.ts';
import { TRACING_VARIABLES } from '../server/tracing/config.ts';

const recording = readRecordingConfig({});
const PAGE = `# Settings

Every setting has a default, so that \`npm start\` needs none. A command's option comes before the environment variable, that
before the default; an empty variable counts as absent. A value that is not valid ends the command with 2 and
\`bad_setting\`. Names that end in \`Ms\` are milliseconds, in \`Bytes\` bytes. Made from the source by
\`node --import tsx scripts/make-docs.mjs\`.

## Server

\`--host\` and \`--port\` are options of \`undertone serve\`; the others are variables alone.

${table(ServerConfig)}

[Running the service](deploy.md) has what a proxy in front needs.

## Inference

For \`serve\` and \`replay\`. \`bench\` takes its bundle from \`--bundle\` alone and runs one process on the processor, but heeds
the other settings. \`train --prepared\`, \`eval\`, \`sweep\` and \`data prepare\` run the model in their own process and take the
bundle alone. \`--bundle\` is an option of all of these, \`--workers\` and \`--provider\` are of \`serve\`.
In a replay \`deadlineMs\` is \`${recording.deadlineMs}\`, \`loadDeadlineMs\` \`${recording.loadDeadlineMs}\` and \`maxWaitMs\`
\`${recording.maxWaitMs}\` by default: nobody waits for its results, so that none suffers from a slow or busy machine.

${table(RuntimeConfig)}

## Foundation models

For \`models\`, and for every verb that runs heads of a foundation model. Names that begin with \`HF_\` are those of Hugging
Face's own tools. \`--offline\` of \`models pull\` is the option for \`HF_HUB_OFFLINE\`.

${table(FoundationSettings)}

\`HTTPS_PROXY\`, \`HTTP_PROXY\` and \`NO_PROXY\` say by way of which proxy models are downloaded
([foundation models](foundation-models.md#what-a-pull-does)). \`XDG_CACHE_HOME\` is in place of \`~/.cache\` where it is set.

## Tracing

OpenTelemetry's names, so that they are the same for every service; [observability](observability.md#traces) says more.

${rows(
  ['variable', 'what it is'],
  TRACING_VARIABLES.map(([name, text]) => [`\`${name}\``, text]),
)}

## Programs

${table(ToolPaths)}

\`npx vite client/web\` serves the page in a clone while it is developed, with the streams of the server at
\`UNDERTONE_DEV_SERVER\`, \`http://127.0.0.1:8080\` by default.

## Limits of a replay

What one video may cost. The command line uses the defaults; in a clone, \`replay()\` of \`pipeline/replay/replay.ts\` takes
them as \`limits\`. A process that reaches its limit is killed: \`decode_timeout\`, \`video_too_large\` or
\`captions_unreadable\` ([errors](errors.md#replay)).

${rows(
  ['limit', 'default', 'what it is'],
  [
    ['totalMs', 'Time of one ffmpeg process, waiting for its reader included'],
    ['stallMs', 'Time that ffmpeg may take for the next bytes of pictures'],
    ['probeMs', 'Time to read the headers of a file'],
    ['maxPixels', 'Pixels of one picture before it is scaled'],
    ['maxCaptionBytes', 'Bytes of a caption file, and of one embedded subtitle track as text'],
  ].map(([name, text]) => [`\`${name}\``, `\`${DEFAULT_DECODE_LIMITS[name]}\``, text]),
)}
`;

function table(schema) {
  return rows(
    ['setting', 'variable', 'default', 'what it is'],
    describeSettings(schema).map(({ name, variable, defaultValue, description }) => [
      `\`${name}\``,
      `\`${variable}\``,
      defaultValue === '' ? '' : `\`${defaultValue}\``,
      description,
    ]),
  );
}

/** A Markdown table with its columns padded, as the formatter leaves it. */
function rows(header, body) {
  const widths = header.map((_, i) => Math.max(3, ...[header, ...body].map((cells) => cells[i].length)));
  const line = (cells) => `| ${cells.map((cell, i) => cell.padEnd(widths[i])).join(' | ')} |`;
  return [line(header), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...body.map(line)].join('\n');
}

const path = new URL('../docs/settings.md', import.meta.url);
if (!process.argv.includes('--check')) writeFileSync(path, PAGE);
else if (readFileSync(path, 'utf8') !== PAGE) {
  process.stderr.write('docs/settings.md is not what the source says: run `node --import tsx scripts/make-docs.mjs`\n');
  process.exitCode = 1;
}
