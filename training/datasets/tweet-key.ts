/** What a tweet and its retweets share. */
export function tweetKey(text: string): string {
  return text
    .toLowerCase()
    .replace(/^rt @\w+:?/, '')
    .replaceAll(/https?:\S+|\W+/g, '');
}
