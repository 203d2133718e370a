import { describe, expect, test } from 'vitest';
import { describeSettings } from '../../models/settings.ts';
import { ClientMessage } from '../../pipeline/protocol/index.ts';
import { loadConfig, ServerConfig } from '../../server/config.ts';
import { addressForLog, createLogger } from '../../server/log.ts';

describe('settings', () => {
  test('defaults are those of the design', () => {
    expect(loadConfig({}, {})).toMatchObject({
      headersTimeoutMs: 5000,
      requestTimeoutMs: 10_000,
      maxJsonBytes: 65_536,
      helloMs: 5000,
      pingMs: 10_000,
      pingMisses: 2,
      idleMs: 90_000,
      maxMessageBytes: 1_048_576,
      maxFramesPerS: 30,
      maxBytesPerS: 4_194_304,
      maxImageWidth: 4096,
      maxImageHeight: 2160,
      maxWholePixels: 1920 * 1080,
      coalesceBytes: 1_048_576,
      closeBytes: 4_194_304,
      maxConnectionsPerAddress: 20,
      drainMs: 10_000,
      resumeMs: 60_000,
      origins: [],
    });
  });

  test('messages are kept for all of the time to resume, at the shortest hop and noticed late', () => {
    const { resumeMs, pingMs, pingMisses, resumeMessages } = loadConfig({}, {});
    const SHORTEST_HOP_MS = 50;
    expect(ClientMessage.safeParse({ type: 'session.update', protocol: 1, hop_ms: SHORTEST_HOP_MS }).success).toBe(
      true,
    );
    expect(resumeMessages).toBeGreaterThan((resumeMs + pingMs * (pingMisses + 1)) / SHORTEST_HOP_MS);
  });

  test('options win over the environment, and that over the defaults; an empty variable is none', () => {
    const env = { UNDERTONE_PORT: '9000', UNDERTONE_IDLE_MS: '1000', UNDERTONE_TOKEN: '' };
    const config = loadConfig({ port: 9001 }, env);
    expect([config.port, config.idleMs, config.token, config.helloMs]).toEqual([9001, 1000, undefined, 5000]);
  });

  test('an IPv6 address may stand in brackets', () => {
    expect(loadConfig({}, { UNDERTONE_HOST: '[::1]' }).host).toBe('::1');
    expect(loadConfig({ host: '[fe80::1%eth0]' }, {}).host).toBe('fe80::1%eth0');
  });

  test('origins are a list', () => {
    const env = { UNDERTONE_ORIGINS: 'https://a.example, http://b.example:8080/ ,' };
    expect(loadConfig({}, env).origins).toEqual(['https://a.example', 'http://b.example:8080']);
  });

  test.each([
    ['UNDERTONE_PORT', '99999'],
    ['UNDERTONE_PORT', 'http'],
    ['UNDERTONE_PORT', 'tcp://10.0.0.1:8080'],
    ['UNDERTONE_IDLE_MS', '-1'],
    ['UNDERTONE_ORIGINS', 'example.org'],
    ['UNDERTONE_LOG_LEVEL', 'loud'],
    ['UNDERTONE_MAX_SESSIONS', '0'],
    ['UNDERTONE_HELLO_MS', '0'],
    ['UNDERTONE_PING_MS', '0'],
    ['UNDERTONE_IDLE_MS', '0'],
    ['UNDERTONE_WEB_DIR', '/no/such/folder'],
  ])('%s=%s is refused by name', (name, value) => {
    expect(() => loadConfig({}, { [name]: value })).toThrow(name);
  });

  test('what is no origin is told how one looks', () => {
    const form = 'scheme and host like https://app.example.org';
    expect(() => loadConfig({}, { UNDERTONE_ORIGINS: 'app.example.org' })).toThrow(`an origin is ${form}`);
    expect(describeSettings(ServerConfig).find(({ name }) => name === 'origins')?.description).toContain(form);
  });

  test('what is not a number is called so', () => {
    expect(() => loadConfig({}, { UNDERTONE_IDLE_MS: '5s' })).toThrow('idleMs (UNDERTONE_IDLE_MS): is not a number');
  });
});

describe('log', () => {
  test.each([
    ['192.0.2.77', '192.0.2.0/24'],
    ['::ffff:192.0.2.77', '192.0.2.0/24'],
    ['2001:db8:1:2::3', '2001:db8:1::/48'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1::/48'],
    ['2001:db8::5', '2001:db8:0::/48'],
    ['fe80::a1b2%eth0', 'fe80:0:0::/48'],
    ['::1', '0:0:0::/48'],
  ])('%s is logged as %s', (address, logged) => expect(addressForLog(address)).toBe(logged));

  test('tokens and text are never written', () => {
    const lines: string[] = [];
    const log = createLogger('info', { write: (line) => void lines.push(line) });
    log.info({ token: 'secret', message: { text: 'private', resume: 'secret' } }, 'test');
    expect(lines.join('')).toContain('test');
    expect(lines.join('')).not.toMatch(/secret|private/);
  });
});
