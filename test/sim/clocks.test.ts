import { afterEach, describe, expect, test } from 'vitest'
import { type Member, SmallCluster } from './small-engines.ts'

describe('a member whose clock is wrong', () => {
  let cluster: SmallCluster
  afterEach(() => cluster.stop())
  const codes = ({ alarms }: Member) => alarms.list.map(({ code }) => code)

  test('does not go on leading: the next leader is one whose clock is right', async () => {
    cluster = await SmallCluster.start(3)
    const wrong = cluster.leader
    wrong.aheadMs = 2000
    await cluster.pass(5000)
    expect(cluster.leader).not.toBe(wrong)
    expect(codes(wrong)).toEqual(['clock-skewed'])
    expect(codes(cluster.leader)).toEqual([])
  })

  test('leads on when there is only one other, who cannot say whose clock is wrong', async () => {
    cluster = await SmallCluster.start(2)
    const { leader } = cluster
    leader.aheadMs = 2000
    await cluster.pass(5000)
    expect(cluster.leader).toBe(leader)
    expect(codes(leader)).toEqual(['clock-skewed'])
  })

  test('leaves elections to others, when the leader is gone, as long as that lasts', async () => {
    cluster = await SmallCluster.start(3)
    const wrong = cluster.follower
    wrong.aheadMs = -2000
    await cluster.pass(2000)
    for (let elections = 0; elections < 8; elections++) {
      const gone = cluster.leader
      cluster.cutOff = gone
      await cluster.pass(3000)
      expect(cluster.leader).not.toBe(gone)
      expect(cluster.leader).not.toBe(wrong)
      cluster.cutOff = undefined
      await cluster.pass(2000)
    }
    expect(codes(wrong)).toEqual(['clock-skewed'])
  })
})
