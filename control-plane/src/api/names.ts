import { Problem } from '../problems.ts'

/** The name in the path; a definition that names another is refused. */
export function nameInPath(inBody: string | undefined, inPath: string): string {
  if (inBody === undefined || inBody === inPath) return inPath
  throw new Problem('invalid-request', undefined, [{ pointer: '/name', detail: `must be ${inPath}, as in the path` }])
}
