import { afterEach, describe, expect, test } from 'vitest'
import { StorageError } from '../../control-plane/src/runtime/storage-error.ts'
import { type Member, SmallCluster } from './small-engines.ts'

const LOOK_MS = 10_000

describe('members that have applied the same entries', () => {
  let cluster: SmallCluster
  afterEach(() => cluster.stop())
  const codes = ({ alarms }: Member) => alarms.list.map(({ code }) => code)

  test('go on while their states are the same', async () => {
    cluster = await SmallCluster.start(3)
    await cluster.grow()
    await cluster.pass(2 * LOOK_MS)
    for (const { fatal } of cluster.members) expect(fatal).toEqual([])
    expect(codes(cluster.leader)).toEqual([])
    expect(cluster.leader.engine.digests.entries()).not.toEqual([])
  })

  test('lose the one whose state is not that of the others, which says what to do', async () => {
    cluster = await SmallCluster.start(3)
    const wrong = cluster.follower
    wrong.engine.state.fencingToken += 1
    await cluster.grow()
    await cluster.pass(2 * LOOK_MS)
    expect(wrong.fatal[0]).toBeInstanceOf(StorageError)
    expect((wrong.fatal[0] as StorageError).nextStep).toContain('cronclave member remove')
    expect(codes(cluster.leader)).toEqual(['state-diverged'])
    for (const member of cluster.members) if (member !== wrong) expect(member.fatal).toEqual([])
  })

  test('lose their leader, when it is the one', async () => {
    cluster = await SmallCluster.start(3)
    const wrong = cluster.leader
    wrong.engine.state.fencingToken += 1
    await cluster.grow()
    await cluster.pass(2 * LOOK_MS)
    expect(wrong.fatal[0]).toBeInstanceOf(StorageError)
    for (const member of cluster.members) if (member !== wrong) expect(member.fatal).toEqual([])
  })

  test('lose the follower when there are only two', async () => {
    cluster = await SmallCluster.start(2)
    const { leader, follower } = cluster
    leader.engine.state.fencingToken += 1
    await cluster.grow()
    await cluster.pass(2 * LOOK_MS)
    expect(leader.fatal).toEqual([])
    expect(follower.fatal[0]).toBeInstanceOf(StorageError)
  })
})
