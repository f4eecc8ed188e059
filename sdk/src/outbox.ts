/** An outcome on its way to the control plane. */
export interface OutboxEntry {
  runId: string
  attemptId: string
  /** Where it is reported, and with what; the token is a secret. */
  callback: { url: string; token: string; expiresAt: string }
  /** The body of the report: JSON. */
  body: Record<string, unknown>
}

/**
 * Where outcomes are kept until they are acknowledged, so that they outlive the process. What rejects is logged, and the
 * outcome is reported all the same.
 */
export interface Outbox {
  /** Called before an outcome is reported for the first time; once it resolves the outcome is to survive the process. */
  put(entry: OutboxEntry): Promise<void>
  /** Its outcome was acknowledged, or nobody takes it any more. */
  delete(attemptId: string): Promise<void>
  /** What an earlier process left behind: asked for once, when listening begins, and read as it is reported. */
  entries(): AsyncIterable<OutboxEntry>
}
