import { realpathSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

/** How an example is started. */
export interface StartOptions {
  /** 0 takes any free port. */
  port: number
  /** Signing secret of the service, `whsec_…`; two while it is rotated. */
  secret: string | string[]
  /** @default '127.0.0.1' */
  host?: string
  /** @default 'default' */
  namespace?: string
  /** @default 'examples' */
  service?: string
  /** Its id within the service. */
  id?: string | undefined
  /** A token of scope `service:<namespace>/<service>`: with it, examples that announce themselves do. */
  token?: string | undefined
  /** Nodes of the control plane. */
  controlPlane?: string | undefined
}

/** An example at work. */
export interface Started {
  /** Where the control plane calls it. */
  url: string
  close(): Promise<void>
}

/** Starts an example from the environment (PORT, CRONCLAVE_SECRET, …) when its file is what node was asked to run. */
export async function runDirectly(file: string, start: (options: StartOptions) => Promise<Started>): Promise<void> {
  const [, script] = process.argv
  if (script === undefined || pathToFileURL(realpathSync(script)).href !== file) return
  const { PORT = '3000', CRONCLAVE_SECRET, CRONCLAVE_SERVICE: service, CRONCLAVE_NAMESPACE: namespace } = process.env
  if (CRONCLAVE_SECRET === undefined) {
    console.error('CRONCLAVE_SECRET is not set: it is the signing secret of the service, whsec_…')
    process.exitCode = 78
    return
  }
  const names = { ...(service !== undefined && { service }), ...(namespace !== undefined && { namespace }) }
  const { CRONCLAVE_EXECUTOR: id, CRONCLAVE_TOKEN: token, CRONCLAVE_ENDPOINT: controlPlane } = process.env
  const started = await start({ port: Number(PORT), secret: CRONCLAVE_SECRET, ...names, id, token, controlPlane })
  console.log(`listening on ${started.url}`)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void started.close())
}
