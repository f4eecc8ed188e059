import { StorageError } from '../runtime/storage-error.ts'
import { COMMAND_VERSION, type Command } from './commands.ts'
import type { State } from './state.ts'

/**
 * Kinds of commands that came after version 1, by the version of the cluster that brought them. Such a command is refused
 * until every member knows that version, so that none ever finds one in its log that it cannot apply.
 */
export const COMMAND_SINCE: Partial<Record<Command['kind'], number>> = {}

/** The version of the cluster that a command needs, which is also what marks it in the log. */
export function versionOf(kind: Command['kind']): number {
  return COMMAND_SINCE[kind] ?? 1
}

/** Why a command cannot be proposed yet; undefined when it can. */
export function tooNew({ kind }: Pick<Command, 'kind'>, { clusterVersion }: Pick<State, 'clusterVersion'>) {
  const needed = versionOf(kind)
  if (needed <= clusterVersion) return undefined
  return `it needs cluster version ${needed}, and the cluster is at ${clusterVersion} until every member runs a build that knows ${needed}`
}

/** Throws a `StorageError` when the state is one of a newer build's, which this one cannot go on with. */
export function checkClusterVersion({ clusterVersion }: Pick<State, 'clusterVersion'>, folder: string): void {
  if (clusterVersion <= COMMAND_VERSION) return
  const message = `The cluster of the member in ${folder} is at version ${clusterVersion}, and this build of Cronclave knows versions up to ${COMMAND_VERSION}.`
  const nextStep = 'Nothing was changed. Start a newer build: one that knows the version of the cluster.'
  throw new StorageError(message, { folder, nextStep })
}
