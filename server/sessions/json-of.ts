import type { ServerMessage } from '../../pipeline/protocol/index.ts';

let newest: { readonly message: ServerMessage; readonly json: string } | undefined;

/** A message as JSON. What asks for the same message right after gets the same text without making it again. */
export function jsonOf(message: ServerMessage): string {
  if (newest?.message !== message) newest = { message, json: JSON.stringify(message) };
  return newest.json;
}
