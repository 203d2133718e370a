/** Whether the server that this page came from answers plain requests, `page` being its address. */
export async function serverAnswers(page = location.href): Promise<boolean> {
  try {
    const answer = await fetch(new URL('healthz', new URL('.', page)), { cache: 'no-store' });
    const { status } = (await answer.json()) as { readonly status?: unknown };
    return answer.ok && status === 'ok';
  } catch {
    return false;
  }
}
