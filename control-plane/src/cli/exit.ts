import type { Problem } from '@cronclave/openapi'

/** What the command line exits with. 69, 74 and 78 are EX_UNAVAILABLE, EX_IOERR and EX_CONFIG of sysexits.h. */
export const EXIT = Object.freeze({
  ok: 0,
  /** The request was understood and refused, or a run that was waited for did not succeed. */
  refused: 1,
  /** The command line, a file given to it or the configuration is wrong. */
  usage: 2,
  /** Of `diff`: what is compared is not the same. */
  differs: 2,
  notFound: 3,
  /** A credential is missing, unknown or not allowed to do this. */
  forbidden: 4,
  /** No endpoint answers, or the server's address is taken. */
  unavailable: 69,
  /** The data folder cannot be used. */
  storage: 74,
  /** A cluster does not take this node in, or has removed it. */
  cluster: 78,
})

/** What ends a command: a sentence for people and an exit code for scripts. */
export class CommandFault extends Error {
  override name = 'CommandFault'
  readonly exitCode: number
  /** Further lines, one fault each. */
  readonly details: readonly string[]

  constructor(exitCode: number, message: string, details: readonly string[] = []) {
    super(message)
    this.exitCode = exitCode
    this.details = details
  }
}

/** Ends a command with the exit code of the program that it ran, which has said what there was to say. */
export class ProgramEnded extends Error {
  override name = 'ProgramEnded'
  readonly exitCode: number

  constructor(exitCode: number) {
    super(`the program ended with ${exitCode}`)
    this.exitCode = exitCode
  }
}

/** A problem document of the server as the fault of a command. */
export function faultOf(status: number, problem: Problem | undefined): CommandFault {
  if (problem === undefined || typeof problem.title !== 'string') {
    return new CommandFault(exitCodeOf(status), `The server answered ${status}.`)
  }
  const sentence = problem.detail ?? problem.title
  const lines = (problem.errors ?? []).map(({ pointer, detail }) => (pointer === '' ? detail : `${pointer}: ${detail}`))
  return new CommandFault(
    exitCodeOf(status),
    `${sentence[0]?.toUpperCase() ?? ''}${sentence.slice(1)} (${problem.code})`,
    lines,
  )
}

function exitCodeOf(status: number): number {
  if (status === 401 || status === 403) return EXIT.forbidden
  return status === 404 ? EXIT.notFound : EXIT.refused
}
