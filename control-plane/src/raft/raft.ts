import type { RaftState } from './raft-state.ts'
import type {
  Index,
  MemberId,
  Membership,
  MembershipChange,
  Message,
  RaftOptions,
  RaftStatus,
  Ready,
  Refusal,
  Term,
} from './types.ts'

/** Where a proposal stands in the log of this leader; whether it stays there, the commit says. */
export interface Placed {
  index: Index
  term: Term
}

/** One member's consensus: messages, ticks and proposals go in, what to store, send and apply comes out by `ready`. */
export class Raft {
  readonly state: RaftState

  constructor(options: RaftOptions) {
    void options
    throw new Error('not built yet')
  }

  tick(): void {}
  step(message: Message): Refusal | undefined {
    void message
    return undefined
  }
  campaign(): void {}
  propose(data: readonly Uint8Array[]): Refusal | Placed | undefined {
    void data
    return undefined
  }
  proposeChange(change: MembershipChange, kind: 'change' | 'change-v1' = 'change'): Refusal | Placed | undefined {
    void change
    void kind
    return undefined
  }
  applyChange(change: MembershipChange): Membership {
    void change
    throw new Error('not built yet')
  }
  readIndex(context: string): void {
    void context
  }
  transferLeader(to: MemberId): void {
    void to
  }
  forgetLeader(): void {}
  reportUnreachable(id: MemberId): void {
    void id
  }
  reportSnapshot(id: MemberId, ok: boolean): void {
    void id
    void ok
  }
  entriesFetched(): void {}
  hasReady(): boolean {
    return false
  }
  ready(): Ready {
    throw new Error('not built yet')
  }
  advance(ready: Ready): void {
    void ready
  }
  status(): RaftStatus {
    throw new Error('not built yet')
  }
}
