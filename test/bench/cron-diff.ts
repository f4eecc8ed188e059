/**
 * Compares our cron with croner, whole: every IANA zone, every clock change of ten years, from before, inside and after
 * it. Prints each difference that is meant once, with its reason, and fails on any other.
 */
import { changesOf, compareZone, type Difference, EXPRESSIONS, probesOf, REASONS } from './cron-compare.ts'

const FROM = Date.UTC(2020, 0, 1)
const TO = Date.UTC(2030, 0, 1)
const UNEXPLAINED_SHOWN_MAX = 20
/** Plain instants at which every zone is asked, too, whether or not its clock changes. */
const PLAIN = Array.from({ length: 20 }, (_, index) => FROM + index * 183 * 86_400_000 + 12_345_678)

const zones = Intl.supportedValuesOf('timeZone').concat('UTC')
const explained = new Map<string, { count: number; expressions: Set<string>; example: Difference }>()
const unexplained: Difference[] = []
let compared = 0
let changeCount = 0
const started = performance.now()

for (const [index, zone] of zones.entries()) {
  const changes = changesOf(zone, FROM, TO)
  changeCount += changes.length
  compared += compareZone(zone, EXPRESSIONS, [...PLAIN, ...changes.flatMap(probesOf)], (difference) => {
    const reason = REASONS.find((rule) => rule.explains(difference, changes))
    if (reason === undefined) unexplained.push(difference)
    else {
      const group = explained.get(reason.name) ?? { count: 0, expressions: new Set(), example: difference }
      group.count++
      group.expressions.add(difference.expression)
      explained.set(reason.name, group)
    }
  })
  if (index % 25 === 24) {
    const seconds = Math.round((performance.now() - started) / 1000)
    process.stderr.write(`${index + 1} of ${zones.length} zones, ${compared} comparisons, ${seconds} s\n`)
  }
}

process.stdout.write(
  `${compared} comparisons: ${EXPRESSIONS.length} expressions, ${zones.length} zones, ${changeCount} clock changes\n`,
)
for (const { name, why } of REASONS) {
  const group = explained.get(name)
  process.stdout.write(`\n${name}: ${group?.count ?? 0} differences\n  ${why}\n`)
  if (group === undefined) continue
  process.stdout.write(`  in ${[...group.expressions].join(' | ')}\n  e.g. ${describe(group.example)}\n`)
}
process.stdout.write(`\n${unexplained.length} differences without a reason\n`)
for (const difference of unexplained.slice(0, UNEXPLAINED_SHOWN_MAX))
  process.stdout.write(`  ${describe(difference)}\n`)
process.exitCode = unexplained.length === 0 ? 0 : 1

function describe({ zone, expression, probe, ours, theirs }: Difference): string {
  return `${expression} in ${zone} after ${iso(probe)}: ours ${iso(ours)}, croner ${iso(theirs)}`
}

function iso(instant: number): string {
  return instant < 0 ? 'none' : new Date(instant).toISOString()
}
