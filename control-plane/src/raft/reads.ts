export interface ReadQueue {
  readonly pending: number
}
