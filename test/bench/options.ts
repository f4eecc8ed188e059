/** What can be said about a bench on the command line. */
export interface BenchOptions {
  /** Nodes of the cluster, where a bench can do with several numbers of them. */
  nodes: number
  /** Few and short rounds, to see that it works; the figures mean little. */
  quick: boolean
}
