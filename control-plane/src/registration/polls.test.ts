import { beforeEach, describe, expect, test } from 'vitest'
import { PeerLost } from '../cluster/network.ts'
import type { Leadership } from '../cluster/consensus.ts'
import { Problem } from '../problems.ts'
import { StillClock } from '../runtime/still-clock.test-helper.ts'
import { apply } from '../state/apply.ts'
import type { Command } from '../state/commands.ts'
import { emptyState, type State } from '../state/state.ts'
import { PollDesk } from './poll-desk.ts'
import { type PollAnswer, type PollAsked, Polls, type PollsDeps } from './polls.ts'

const ASKED: PollAsked = {
  namespace: 'default',
  service: 'billing',
  id: 'p1',
  boot: 'b1',
  state: 'online',
  inFlight: 0,
  waitMs: 20_000,
}

/** Members of which one leads, and polls on each. Requests between them arrive unless one is down. */
class Members {
  readonly clock = new StillClock()
  readonly state: State = emptyState()
  readonly polls = new Map<string, Polls>()
  readonly desks = new Map<string, PollDesk>()
  readonly down = new Set<string>()
  /** Requests that are under way to one that does not answer. */
  readonly #lost = new Map<string, (() => void)[]>()
  readonly #listeners = new Set<(leadership: Leadership) => void>()
  leader: string | undefined

  constructor(...names: string[]) {
    this.#run({ kind: 'cluster-init', at: 0, cluster: 'c', namespaceSlots: 10 })
    const change = { description: '', allowedHosts: [] }
    this.#run({ kind: 'service-put', at: 0, namespace: 1, name: 'billing', change })
    const service = [...this.state.services.keys()][0] ?? 0
    const said = { url: 'pull', weight: 1, slots: 10, labels: {}, boot: 'b1', manifest: {} }
    this.#run({ kind: 'executor-register', at: 0, service, id: 'p1', ...said })
    for (const name of names) {
      this.desks.set(name, new PollDesk(this.clock))
      this.polls.set(name, new Polls(this.#depsOf(name)))
    }
  }

  lead(name: string | undefined): void {
    const before = this.leader
    this.leader = name
    if (before !== undefined && !this.down.has(before)) this.desks.get(before)?.close()
    if (name !== undefined) this.desks.get(name)?.open(() => this.state)
    for (const listener of this.#listeners) listener(this.#leadershipOf(''))
  }

  /** The process is gone, with everything that it was asked. */
  kill(name: string): void {
    this.down.add(name)
    for (const lose of this.#lost.get(name) ?? []) lose()
  }

  poll(name: string, signal = new AbortController().signal): Promise<PollAnswer> {
    return (this.polls.get(name) as Polls).poll(ASKED, signal)
  }

  #depsOf(name: string): PollsDeps {
    return {
      clock: this.clock,
      node: name,
      state: () => this.state,
      consensus: {
        leadership: () => this.#leadershipOf(name),
        onLeadership: (listener) => {
          this.#listeners.add(listener)
          return () => void this.#listeners.delete(listener)
        },
      },
      pollDesk: this.desks.get(name) as PollDesk,
      holdMsMax: 20_000,
      hear: () => {
        if (this.leader !== name) throw new Problem('not-leader')
        return 'ok'
      },
      heard: () => undefined,
      onPolled: () => undefined,
      onLost: () => undefined,
      ask: async (to, question) => {
        if (this.down.has(to)) throw new PeerLost('it is down')
        const polls = this.polls.get(to) as Polls
        if (question[0] === 'left') {
          polls.left(question[1])
          return new Uint8Array()
        }
        const gone = new Promise<never>((_, reject) => {
          const lose = () => reject(new PeerLost('the connection broke'))
          this.#lost.set(to, [...(this.#lost.get(to) ?? []), lose])
        })
        return Promise.race([polls.answer(question[1], question[2]), gone])
      },
    }
  }

  #leadershipOf(name: string): Leadership {
    const { leader } = this
    return { term: 1, leader, isLeader: leader === name, signal: new AbortController().signal }
  }

  #run(command: Command): void {
    apply(this.state, { index: this.state.index + 1, term: 1, command })
  }
}

let members: Members
beforeEach(() => {
  members = new Members('n1', 'n2', 'n3')
  members.lead('n1')
})

/** What came of it by now. */
function watched(polling: Promise<PollAnswer>) {
  const seen: { answer?: PollAnswer; error?: unknown } = {}
  polling.then(
    (answer) => (seen.answer = answer),
    (error: unknown) => (seen.error = error),
  )
  return seen
}

const NONE = { answer: 'ok', calls: [] }

describe('a poll of a follower', () => {
  test('hangs on the leader', async () => {
    const seen = watched(members.poll('n2'))
    await members.clock.pass(19_999)
    expect([seen.answer, members.desks.get('n1')?.size]).toEqual([undefined, 1])
    await members.clock.pass(1)
    expect(seen.answer).toEqual(NONE)
  })

  test('goes on on the next leader when the process of the leader dies', async () => {
    const seen = watched(members.poll('n2'))
    await members.clock.pass(1000)
    members.kill('n1')
    await members.clock.pass(500)
    expect(seen).toEqual({})
    members.lead('n3')
    await members.clock.pass(0)
    expect(members.desks.get('n3')?.size).toBe(1)
    await members.clock.pass(18_500)
    expect(seen.answer).toEqual(NONE)
  })

  test('is ended when the leader hands leadership over, so that it is polled again', async () => {
    const seen = watched(members.poll('n2'))
    await members.clock.pass(1000)
    members.lead('n3')
    await members.clock.pass(0)
    expect(seen.answer).toEqual(NONE)
  })

  test('does not wait for a leader that stands still once another one leads', async () => {
    const seen = watched(members.poll('n2'))
    await members.clock.pass(1000)
    members.down.add('n1')
    members.lead('n3')
    await members.clock.pass(500)
    await members.clock.pass(0)
    expect([seen, members.desks.get('n3')?.size]).toEqual([{}, 1])
  })

  test('is refused when nobody leads for three seconds: another node may know better', async () => {
    members.kill('n1')
    members.lead(undefined)
    const seen = watched(members.poll('n2'))
    await members.clock.pass(2999)
    expect(seen).toEqual({})
    await members.clock.pass(1)
    expect(seen.error).toMatchObject({ code: 'not-leader' })
  })

  test('is taken back when whoever polled has gone', async () => {
    const leaving = new AbortController()
    watched(members.poll('n2', leaving.signal))
    await members.clock.pass(1000)
    expect(members.desks.get('n1')?.size).toBe(1)
    leaving.abort()
    await members.clock.pass(0)
    expect(members.desks.get('n1')?.size).toBe(0)
  })

  test('is given up when its node has gone', async () => {
    watched(members.poll('n2'))
    watched(members.poll('n3'))
    await members.clock.pass(1000)
    members.polls.get('n1')?.lost('n2')
    await members.clock.pass(0)
    expect(members.desks.get('n1')?.size).toBe(1)
    members.polls.get('n1')?.lost('n3')
    await members.clock.pass(0)
    expect(members.desks.get('n1')?.size).toBe(0)
  })

  test('is answered at once when its node stops, and taken back', async () => {
    const seen = watched(members.poll('n2'))
    await members.clock.pass(1000)
    members.polls.get('n2')?.release()
    await members.clock.pass(0)
    expect([seen.answer, members.desks.get('n1')?.size]).toEqual([NONE, 0])
  })

  test('is refused when 4,096 hang there, or 3,072 of its namespace, until some of them have ended', async () => {
    members.lead(undefined)
    const polls = members.polls.get('n2') as Polls
    const { signal } = new AbortController()
    const hang = (namespace: string, count: number) =>
      Array.from({ length: count }, () => watched(polls.poll({ ...ASKED, namespace }, signal)))
    const refused = async (namespace: string) => {
      const [seen] = hang(namespace, 1)
      await members.clock.pass(0)
      return (seen?.error as Problem | undefined)?.code
    }
    hang('default', 3071)
    expect([await refused('default'), await refused('default')]).toEqual([undefined, 'too-many-polls'])
    hang('other', 1023)
    expect([await refused('other'), await refused('other')]).toEqual([undefined, 'too-many-polls'])
    expect([polls.size, polls.count]).toEqual([4096, 4098])
    await members.clock.pass(3000)
    expect([polls.size, await refused('default')]).toEqual([0, undefined])
  })

  test('of a service that there is not is told so', async () => {
    const polls = members.polls.get('n2') as Polls
    const asked = polls.poll({ ...ASKED, service: 'other' }, new AbortController().signal)
    await expect(asked).rejects.toMatchObject({ code: 'service-not-found' })
  })
})
