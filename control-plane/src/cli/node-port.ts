import type { Config } from '../config.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logger.ts'
import type { Random } from '../runtime/random.ts'

/** A node that runs in this process, as the command line needs it. */
export interface RunningNode {
  /** Address that it listens on. */
  url: string
  /** Logs a browser in; works once, for 60 s. */
  loginLink?: string
  /** Of the administrator; only when this start made it. */
  adminToken?: string
  /** Settles when the node can go on no longer, with the reason. */
  failed: Promise<Error>
  /** Finishes what is under way and closes the data folder. */
  stop(): Promise<void>
}

/** What `node.ts` exports; loaded only by the commands that need it, so that the others start fast. */
export interface NodeModule {
  startNode(
    config: Config,
    deps: { clock: Clock; random: Random; logger: Logger; signal?: AbortSignal },
  ): Promise<RunningNode>
  /** For a stopped node: revokes the tokens of the administrator, writes a new one to the data folder and returns it. */
  resetAdminToken(config: Config, deps: { clock: Clock; random: Random; logger: Logger }): Promise<string>
}
