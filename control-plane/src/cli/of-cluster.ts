/** The option of commands about what namespaces have, and the cluster besides. */
export const OF_CLUSTER = ['--cluster', 'of the cluster, instead of the namespace'] as const

export interface OfCluster {
  cluster?: boolean
}

/** Says that there are none of some things of a namespace, and where others may be; without one, of the cluster. */
export function noneOf(namespace: string | undefined, things: string): string {
  return namespace === undefined
    ? `There are no ${things} of the cluster.`
    : `There are no ${things} of namespace ${namespace}; --cluster lists those of the cluster.`
}
