/** 32 bits that depend on every bit of a number: near numbers come out far apart. The finalizer of MurmurHash3. */
export function mixed(value: number): number {
  let hash = value | 0
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** 32 bits of a text; with another seed, other bits. The same on every node, and no defence against anybody. */
export function hashText(text: string, seed: number): number {
  let hash = mixed(seed ^ text.length)
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0xcc9e_2d51)
    hash = ((hash << 13) | (hash >>> 19)) + 0x9e37_79b9
  }
  return mixed(hash)
}

/**
 * Numbers in [0, 1) that go round evenly however far apart the turns are that ask: multiples of the golden ratio, whose
 * neighbours at any distance stay apart.
 */
export function evenly(turn: number): number {
  const multiple = (turn % 0x1_0000_0000) * 0.618_033_988_749_894_9
  return multiple - Math.floor(multiple)
}
