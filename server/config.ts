import { z } from 'zod';
import { IMAGE_LIMITS } from '../models/encoders/image-input/image-limits.ts';
import { readSettings, type Environment } from '../models/settings.ts';
import { isPageBuilt } from './paths.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

/** Milliseconds. */
const Ms = z.coerce.number().int().min(0).max(86_400_000);
/** Milliseconds where 0, which is often meant as `never`, would end every connection at once. */
const LifeMs = Ms.min(1);
/** A count, a rate or a number of bytes; at least 1. */
const Count = z.coerce
  .number()
  .int()
  .min(1)
  .max(2 ** 31);

const ORIGIN_FORM = 'scheme and host like https://app.example.org';

/** Origins as browsers send them, without a path. */
const Origins = z.preprocess(
  (value) =>
    typeof value === 'string'
      ? value
          .split(',')
          .map((origin) => origin.trim())
          .filter((origin) => origin !== '')
      : value,
  z.array(
    z.url({ protocol: /^https?$/, error: `an origin is ${ORIGIN_FORM}` }).transform((url) => new URL(url).origin),
  ),
);

/** An IPv6 address may stand in brackets, as in a URL. */
const Host = z
  .string()
  .min(1)
  .overwrite((host) => host.replace(/^\[(.*)\]$/, '$1'));

/** Every setting of the server with its default. */
export const ServerConfig = z.strictObject({
  host: Host.default('127.0.0.1').describe('Address to listen on; 0.0.0.0 is every address'),
  port: z.coerce.number().int().min(0).max(65_535).default(8080).describe('Port to listen on; 0 takes a free one'),
  token: z.string().min(1).max(1024).optional().describe('When set, sessions and observers must present it'),
  origins: Origins.prefault('').describe(
    `Web origins besides our own that may connect, ${ORIGIN_FORM}, comma-separated`,
  ),
  trustProxyHops: z.coerce
    .number()
    .int()
    .min(0)
    .max(16)
    .default(0)
    .describe('Reverse proxies in front whose X-Forwarded-For is believed'),
  logLevel: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('Least severe log line that is written'),
  headersTimeoutMs: Ms.default(5000).describe('Time for the headers of an HTTP request; 0 is no limit'),
  requestTimeoutMs: Ms.default(10_000).describe('Time for a whole HTTP request, its headers included; 0 is no limit'),
  maxJsonBytes: Count.default(64 * KIB).describe('Longest JSON message'),
  maxMessageBytes: Count.default(MIB).describe('Longest message of any kind; a longer one closes with 1009'),
  helloMs: LifeMs.default(5000).describe('Time until session.update must have come; then 4000'),
  pingMs: LifeMs.default(10_000).describe('Time between pings'),
  pingMisses: Count.default(2).describe('Pings without an answer until the connection counts as dead'),
  // Browsers wake a page that is hidden once a minute.
  idleMs: LifeMs.default(90_000).describe('Time without any message from the client until 4031'),
  maxFramesPerS: Count.default(30).describe('Frames a second and session; more are dropped as quota_frames'),
  maxBytesPerS: Count.default(4 * MIB).describe('Bytes a second and session; frames above are dropped as quota_bytes'),
  maxMessagesPerS: Count.default(100).describe(
    'JSON messages a second and session, twice as many at once; more are refused as quota_messages. Also pings, answers to pings and joins of a connection together; more cut it',
  ),
  maxQuotaDrops: Count.default(300).describe('Frames and messages over quota within about a minute until 4008'),
  maxBadMessages: Count.default(30).describe('Bad messages within about a minute until 4101'),
  maxImageWidth: Count.max(IMAGE_LIMITS.maxWidth)
    .default(IMAGE_LIMITS.maxWidth)
    .describe('Widest image in pixels, read from its header; highest, of an upright one; cannot be raised'),
  maxImageHeight: Count.max(IMAGE_LIMITS.maxHeight)
    .default(IMAGE_LIMITS.maxHeight)
    .describe('Highest image in pixels; widest, of an upright one; cannot be raised'),
  maxWholePixels: Count.default(1920 * 1080).describe(
    'Most pixels of an image that can only be decoded whole: WebP, PNG and progressive JPEG',
  ),
  creditFrames: Count.default(2).describe('Frames of a session that the server wants at once'),
  coalesceBytes: Count.default(MIB).describe(
    'Buffered output above which only the newest result is kept, but all of a resume',
  ),
  closeBytes: Count.default(4 * MIB).describe(
    'Buffered output above which a connection is closed, apart from what a resume sends again',
  ),
  maxConnections: Count.default(2048).describe(
    'TCP connections of the whole server; on Linux fewer where fewer files may be open',
  ),
  maxConnectionsPerAddress: Count.default(20).describe(
    'Streaming connections of one client address, in IPv6 of one /64, and sessions of it that wait for a resume',
  ),
  maxSessions: Count.default(512).describe('Sessions at once; more are refused with 4102'),
  maxObservers: Count.default(16).describe('Observers of one session'),
  resumeMs: Ms.default(60_000).describe('How long a session waits for its client to resume; 0 is not at all'),
  resumeMessages: Count.default(2048).describe('Newest messages kept for a resume, no longer than one is possible'),
  latenessMs: Ms.max(60_000)
    .default(3000)
    .describe('How late a caption may come and still revise results; at most 60 s'),
  overloadQueueMs: Ms.default(300).describe('Wait of every batch for a worker above which new sessions get 1013'),
  drainMs: Ms.default(10_000).describe('Time for sessions to finish when the server stops'),
  closeGraceMs: Ms.default(1000).describe('Time for a client to answer a close until the connection is cut'),
  webDir: z
    .string()
    .refine(isPageBuilt, 'there is no index.html in that folder; name the folder of a built page')
    .optional()
    .describe('Folder of the built page; dist/web when absent'),
});

export type ServerConfig = z.infer<typeof ServerConfig>;
/** What a caller writes: every field optional. */
export type ServerConfigInput = { readonly [K in keyof ServerConfig]?: ServerConfig[K] | undefined };

/**
 * Settings from, in this order: `options`, the environment, the defaults. An empty variable counts as absent.
 * @throws UndertoneError `bad_setting` that names the setting and its variable.
 */
export function loadConfig(options: ServerConfigInput = {}, env: Environment = process.env): ServerConfig {
  return readSettings(ServerConfig, env, options);
}
