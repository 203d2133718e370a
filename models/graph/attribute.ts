/** An ONNX attribute: numbers are told apart by their kind, since 1 could be a float or an int. */
export type Attribute =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly ints: readonly number[] }
  | { readonly string: string };
