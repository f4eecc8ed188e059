import { Link } from '@tanstack/react-router'
import { CopyBlock } from '../ui/copy-block.tsx'
import classes from './empty-jobs.module.css'

/** What is shown instead of an empty table: the shortest ways to a first job. */
export function EmptyJobs({ namespace }: { namespace: string }) {
  const address = `${location.origin}/v1/namespaces/${namespace}/jobs`
  const curl = `curl ${address} \\
  -H "authorization: Bearer $(cat cronclave-data/admin.token)" \\
  -H 'content-type: application/json' \\
  -d '{ "name": "hello", "schedules": [{ "every": "10s" }],
        "target": { "kind": "http", "method": "GET", "url": "https://example.com/" } }'`
  const yaml = `# jobs.yaml
jobs:
  - name: hello
    schedules: [{ every: 10s }]
    target: { kind: http, method: GET, url: https://example.com/ }`
  return (
    <div className={classes.empty}>
      <h3>No jobs yet</h3>
      <p>
        A job says what to call and when. Create the first one{' '}
        <Link to="/n/$ns/new" params={{ ns: namespace }}>
          in a form
        </Link>
        , or from a terminal:
      </p>
      <CopyBlock label="With curl" text={curl} />
      <CopyBlock label="With the command line" text={`${yaml}\n\n$ cronclave job apply -f jobs.yaml`} />
      <p>
        All fields are described in the <a href="/docs">API reference</a>.
      </p>
    </div>
  )
}
