import { join } from 'node:path'
import { claimsIn } from './claims.ts'
import { ROWS } from './rows.ts'

/** `npm run parity`: every row with the tests that prove it, and then those that none proves. */
const claims = claimsIn(join(import.meta.dirname, '../..'))
const open = ROWS.filter(({ row }) => !claims.some(({ rows }) => rows.includes(row)))

for (const { row, title, open: missing } of ROWS) {
  const proofs = claims.filter(({ rows }) => rows.includes(row))
  console.log(`${name(row)}  ${title}`)
  for (const proof of proofs) console.log(`      ${proof.place}  ${proof.title}`)
  if (proofs.length === 0) console.log(`      open: ${missing ?? 'it is claimed, and no test proves it'}`)
}
console.log(`\n${ROWS.length - open.length} of ${ROWS.length} rows are proved by ${claims.length} tests`)
if (open.length > 0) console.log(`open: ${open.map(({ row }) => name(row)).join(' ')}`)

function name(row: number): string {
  return `S${String(row).padStart(3, '0')}`
}
