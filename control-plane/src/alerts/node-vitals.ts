import type { Observer } from '../cluster/observer.ts'
import type { NodeVitals } from './vitals.ts'

/** What of themselves the nodes that answer say that rules are about. */
export async function nodeVitals(observer: Pick<Observer, 'all'>): Promise<NodeVitals[]> {
  const observed = await observer.all()
  return observed.flatMap((each) => {
    if (!('report' in each)) return []
    const { alarms = [], certificates = [], leaderless, said } = each.report
    return [
      { node: each.member, alarms, certificates, ...(leaderless ? { leaderless } : {}), ...(said ? { said } : {}) },
    ]
  })
}
