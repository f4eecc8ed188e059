import { expect, test } from 'vitest'
import { Problem } from '../problems.ts'
import type { QueueFigures } from '../scheduler/queue-figures.ts'
import { raftId } from './member-id.ts'
import { PeerLost } from './network.ts'
import { answerQueues, queuesOfLeader } from './queue-request.ts'

const SELF = '1'.repeat(16)
const LEADER = '2'.repeat(16)
const FIGURES: QueueFigures = {
  evaluations: [{ kind: 'run', state: 'ready', count: 2 }],
  catchUpPerSecond: 100,
  nodes: [{ node: SELF, workers: 1, out: 1, taken: 5, nacked: 0, lapsed: 0, placed: 4, refused: 1 }],
}

function member(leader: string | undefined, own?: QueueFigures, request?: () => Promise<Uint8Array>) {
  const asked: unknown[] = []
  return {
    asked,
    deps: {
      node: SELF,
      consensus: {
        leadership: () => ({ term: 1, leader, isLeader: leader === SELF, signal: new AbortController().signal }),
      },
      network: {
        request(to: number, kind: string, body: Uint8Array) {
          asked.push([to, kind])
          return request?.() ?? Promise.resolve(answerQueues(body, () => FIGURES) ?? new Uint8Array(0))
        },
      },
      own: () => own,
    },
  }
}

test('the leader answers by itself', async () => {
  const { deps, asked } = member(SELF, FIGURES)
  expect(await queuesOfLeader(deps)).toEqual({ leader: SELF, figures: FIGURES })
  expect(asked).toEqual([])
})

test('S082 another member asks the leader, and says whose queues they are', async () => {
  const { deps, asked } = member(LEADER)
  expect(await queuesOfLeader(deps)).toEqual({ leader: LEADER, figures: FIGURES })
  expect(asked).toEqual([[raftId(LEADER), 'api']])
})

test('without a leader, or when it does not answer, the caller is told to try again', async () => {
  await expect(queuesOfLeader(member(undefined).deps)).rejects.toThrow(Problem)
  const lost = member(LEADER, undefined, () => Promise.reject(new PeerLost('gone')))
  await expect(queuesOfLeader(lost.deps)).rejects.toMatchObject({ code: 'not-leader' })
})

test('a member that does not lead has no queues to show, and other requests are left to others', () => {
  const { deps } = member(LEADER)
  expect(answerQueues(Uint8Array.of(0x91, 0xa1, 0x78), () => FIGURES)).toBeUndefined()
  expect(deps.own()).toBeUndefined()
})
