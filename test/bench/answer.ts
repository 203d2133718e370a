export interface Question {
  readonly id: number;
  readonly op: string;
  readonly body: unknown;
}

export type Answer =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly error: string };

/** The child's side of `startChild`: answers each question with its handler, until the parent is gone. */
export function answerQuestions(
  handlers: Readonly<Record<string, (body: never) => unknown>>,
  close: () => Promise<void> = () => Promise.resolve(),
): void {
  process.on('message', (message) => {
    const { id, op, body } = message as Question;
    void answer(handlers[op], body).then(
      (value) => reply({ id, ok: true, value }),
      (error: unknown) => reply({ id, ok: false, error: error instanceof Error ? error.message : String(error) }),
    );
  });
  process.on('disconnect', () => {
    void close().finally(() => process.exit(0));
  });
}

async function answer(handler: ((body: never) => unknown) | undefined, body: unknown): Promise<unknown> {
  if (handler === undefined) throw new Error('no such question');
  return await handler(body as never);
}

function reply(message: Answer): void {
  process.send?.(message, undefined, undefined, () => undefined);
}

/** The options that the parent gave. */
export function childOptions(): unknown {
  return JSON.parse(process.argv[2] ?? '{}');
}
