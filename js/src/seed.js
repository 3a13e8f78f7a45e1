/** Returns a random number of 64 bits; 0 where the host gives none yet, as outside of a Worker's requests. */
export function seed() {
  try {
    return crypto.getRandomValues(new BigUint64Array(1))[0];
  } catch {
    return 0n;
  }
}
