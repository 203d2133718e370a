/** What a data set is evaluated on: a field of its samples. */
export type Target = 'emotion' | 'sentiment' | 'score';
