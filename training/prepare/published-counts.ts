/** Samples per split as published, to see whether a copy is whole; `all` where a set has no splits. */
export const PUBLISHED: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  // thuiar/MMSA, label.csv.
  mosi: { train: 1284, valid: 229, test: 686 },
  mosei: { train: 16_326, valid: 1871, test: 4659 },
  // Poria et al., ACL 2019, table 3.
  meld: { train: 9989, dev: 1109, test: 2610 },
  // MVSA-Single as its home page counts it.
  mvsa: { all: 4869 },
};
