/** What the command line exits with when a cluster does not take this node: EX_CONFIG of sysexits.h. */
export const REFUSED_EXIT_CODE = 78

/**
 * The node is not, or not any more, part of the cluster that it was told to be part of. `nextStep` says what a person can
 * do about it. Both are full sentences.
 */
export class ClusterRefused extends Error {
  override name = 'ClusterRefused'
  readonly nextStep: string
  readonly exitCode = REFUSED_EXIT_CODE

  constructor(message: string, nextStep: string) {
    super(message)
    this.nextStep = nextStep
  }
}

/** Why a node whose member was taken out of the cluster ends. */
export function removedFrom(name: string, cluster: string): ClusterRefused {
  return new ClusterRefused(
    `This node (${name}) was removed from the cluster ${cluster} and takes no part in it any more.`,
    'Nothing here is needed by the cluster. To use this machine again, empty the data folder, run `cronclave member add` against the cluster, and start the node with the token that it prints.',
  )
}
