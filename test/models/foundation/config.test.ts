import { homedir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readFoundationConfig } from '../../../models/foundation/config.ts';

test('defaults', () => {
  const dir = join(homedir(), '.cache', 'undertone', 'models');
  expect(readFoundationConfig({})).toEqual({
    dir,
    lockFile: join(dir, 'lock.json'),
    endpoint: 'https://huggingface.co',
    token: undefined,
    offline: false,
    stallMs: 30_000,
    variant: undefined,
    catalogue: undefined,
  });
});

test('from the environment, the names of Hugging Face included', () => {
  const env = {
    XDG_CACHE_HOME: '/cache',
    HF_ENDPOINT: 'https://mirror.example/hub/',
    HF_TOKEN: 'secret-of-a-mirror',
    HF_HUB_OFFLINE: 'TRUE',
    UNDERTONE_MODELS_LOCK: '/project/lock.json',
    UNDERTONE_MODELS_VARIANT: 'int8',
  };
  expect(readFoundationConfig(env)).toMatchObject({
    dir: join('/cache', 'undertone', 'models'),
    lockFile: '/project/lock.json',
    endpoint: 'https://mirror.example/hub',
    token: 'secret-of-a-mirror',
    offline: true,
    variant: 'int8',
  });
});

test.each([
  ['HF_ENDPOINT', 'not an address'],
  ['HF_ENDPOINT', 'file:///etc'],
  ['HF_TOKEN', 'my secret'],
  ['HF_HUB_OFFLINE', 'maybe'],
  ['UNDERTONE_HUB_STALL_MS', '99'],
])('%s=%s is refused by its name, and its value is not repeated', (name, value) => {
  const read = (): unknown => readFoundationConfig({ [name]: value });
  expect(read).toThrow(expect.objectContaining({ code: 'bad_setting', exitCode: 2 }));
  expect(read).toThrow(name);
  expect(read).not.toThrow(value);
});

test('a user without a home folder names one, and needs none then', () => {
  const noHome = (): string => {
    throw new Error('uv_os_homedir returned ENOENT');
  };
  const refused = expect.objectContaining({
    code: 'bad_setting',
    exitCode: 2,
    message: expect.stringContaining('UNDERTONE_MODELS_DIR'),
  });
  expect(() => readFoundationConfig({}, noHome)).toThrow(refused);
  expect(readFoundationConfig({ UNDERTONE_MODELS_DIR: '/models' }, noHome).dir).toBe('/models');
});
