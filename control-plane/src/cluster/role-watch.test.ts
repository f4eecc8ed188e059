import { expect, test } from 'vitest'
import { StillClock } from '../api/fixtures.ts'
import { NONE } from '../raft/types.ts'
import { NotCommitted } from './consensus.ts'
import { raftId } from './member-id.ts'
import { MemberNames } from './member-names.ts'
import { Office } from './office.ts'
import { Proposals } from './proposals.ts'
import { RoleWatch } from './role-watch.ts'

const [ME, YOU] = ['1'.repeat(16), '2'.repeat(16)]
const LEADER = { role: 'leader', leader: raftId(ME) } as const

function bench() {
  const clock = new StillClock()
  const known = [ME, YOU]
  const names = new MemberNames(() => known)
  const office = new Office(ME, 0)
  const proposals = new Proposals({ proposalsMax: 9, proposalBytesMax: 1e6, payloadBytesMax: 1e6 })
  const roles = new RoleWatch({ clock, office, proposals, names })
  const place = (index: number, term: number) => {
    const outcome = proposals.add({ kind: 'token-revoke', at: 1, id: 't' }).catch((error: Error) => error)
    proposals.give(1e6, () => ({ index, term }))
    return outcome
  }
  return { clock, known, names, office, roles, place, proposals }
}

test('S013 whoever is elected is in office only once an entry of that term is applied', () => {
  const { office, roles } = bench()
  roles.observe({ ...LEADER, term: 2 })
  roles.applied(1)
  expect(office.current).toMatchObject({ isLeader: false, leader: undefined })
  roles.applied(2)
  expect(office.current).toMatchObject({ isLeader: true, term: 2 })
})

test('who lost the lead before that is not in office', () => {
  const { office, roles } = bench()
  roles.observe({ ...LEADER, term: 2 })
  roles.observe({ role: 'follower', leader: raftId(YOU), term: 3 })
  roles.applied(2)
  expect(office.current).toMatchObject({ isLeader: false, leader: YOU, term: 3 })
})

test('one term in office follows another only after an end of the first', () => {
  const { office, roles } = bench()
  const seen: unknown[] = []
  roles.observe({ ...LEADER, term: 2 })
  roles.applied(2)
  office.onChange(({ isLeader, term }) => seen.push([isLeader, term]))
  roles.observe({ ...LEADER, term: 5 })
  roles.applied(5)
  expect(seen).toEqual([
    [false, 5],
    [true, 5],
  ])
})

test('what a past leader had proposed is uncertain after a while, what it proposed in its new term is not', async () => {
  const { clock, roles, place, proposals } = bench()
  roles.observe({ ...LEADER, term: 2 })
  const old = place(7, 2)
  roles.observe({ role: 'follower', leader: NONE, term: 3 })
  roles.observe({ ...LEADER, term: 4 })
  void place(9, 4)
  clock.pass(4999)
  expect(proposals.waiting).toBe(2)
  clock.pass(1)
  expect(await old).toBeInstanceOf(NotCommitted)
  expect(proposals.waiting).toBe(1)
})

test('a lead that comes and goes does not put that off', async () => {
  const { clock, roles, place } = bench()
  roles.observe({ ...LEADER, term: 2 })
  const old = place(7, 2)
  for (let term = 3; term < 13; term += 2) {
    roles.observe({ role: 'follower', leader: NONE, term })
    clock.pass(500)
    roles.observe({ ...LEADER, term: term + 1 })
    clock.pass(500)
  }
  expect(await old).toBeInstanceOf(NotCommitted)
})

test('a leader of whom nobody has told is nobody until its id is known', () => {
  const { known, office, roles } = bench()
  known.splice(1)
  roles.observe({ role: 'follower', leader: raftId(YOU), term: 2 })
  expect(office.current.leader).toBeUndefined()
  known.push(YOU)
  roles.installed()
  expect(office.current.leader).toBe(YOU)
})

test('a stop ends the term in office and every wait', () => {
  const { clock, office, roles } = bench()
  roles.observe({ ...LEADER, term: 2 })
  roles.applied(2)
  const { signal } = office.current
  roles.observe({ ...LEADER, term: 4 })
  roles.stop()
  expect(signal.aborted).toBe(true)
  expect(clock.timers).toBe(0)
})
