/**
 * Writes sharding.json: which shard owns a key. Deliberately with no code of the product:
 * `npx tsx test/vectors/make-sharding.ts > test/vectors/sharding.json`
 */
const MASK = 0xffff_ffffn
const KEYS = ['', '0', '1', '42', 'a', 'A', 'customer-42', 'customer-43', '天津', '😀', 'é', 'e\u0301', 'x'.repeat(300)]
const TOTALS = [1, 2, 3, 5, 7, 10, 64, 1000, 10_000]

function hash(key: string): bigint {
  let state = 0x811c_9dc5n
  for (const byte of Buffer.from(key)) state = ((state ^ BigInt(byte)) * 0x0100_0193n) & MASK
  state = ((state ^ (state >> 16n)) * 0x85eb_ca6bn) & MASK
  state = ((state ^ (state >> 13n)) * 0xc2b2_ae35n) & MASK
  return state ^ (state >> 16n)
}

const vectors = KEYS.map((key) => {
  const owners = Object.fromEntries(TOTALS.map((total) => [total, Number(hash(key) % BigInt(total))]))
  return { key, hash: Number(hash(key)), owners }
})
const description =
  'hash: 32-bit FNV-1a over the UTF-8 of a key, then the last steps of murmur3. owners: hash modulo the number of shards.'
console.log(JSON.stringify({ description, vectors }, undefined, 2))
