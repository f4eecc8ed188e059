import classes from './json-block.module.css'

/** A JSON value as people read it. */
export function JsonBlock({ value, label }: { value: unknown; label: string }) {
  return (
    <pre className={classes.json} tabIndex={0} aria-label={label}>
      {JSON.stringify(value, undefined, 2)}
    </pre>
  )
}
