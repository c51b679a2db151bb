// Positions in text. The protocol counts Unicode scalar values; JavaScript's strings count UTF-16 units.

/** The number of scalar values in the first `units` UTF-16 units of `text`. */
export function scalarsIn(text: string, units = text.length): number {
  let count = 0;
  for (let at = 0; at < units && at < text.length; count += 1) {
    at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  }
  return count;
}

/** The UTF-16 position after the first `scalars` scalar values of `text`. */
export function unitsOf(text: string, scalars: number): number {
  let at = 0;
  for (let count = 0; count < scalars && at < text.length; count += 1) {
    at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  }
  return at;
}
