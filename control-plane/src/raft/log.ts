export interface RaftLog {
  readonly committed: number
}
