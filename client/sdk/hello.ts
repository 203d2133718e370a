import { PROTOCOL_VERSION, SessionUpdate } from '../../pipeline/protocol/index.ts';
import { toSnake } from './camel-case.ts';
import { ClientError } from './client-error.ts';
import { describeIssues } from './describe-issues.ts';
import type { ConnectOptions } from './options.ts';

/**
 * The hello of a connection, in wire names.
 *
 * @throws {ClientError} `bad_options` naming the option that no server takes
 */
export function helloOf(options: ConnectOptions): Record<string, unknown> {
  const { bundle, hopMs, smoothing, counterfactuals, token, resume, lastSeq } = options;
  const asked = { protocol: PROTOCOL_VERSION, bundle, hopMs, smoothing, counterfactuals, token, resume, lastSeq };
  const hello = { type: 'session.update', ...toSnake(asked) };
  const parsed = SessionUpdate.safeParse(hello);
  if (!parsed.success) throw new ClientError('bad_options', describeIssues(parsed.error.issues));
  return hello;
}
