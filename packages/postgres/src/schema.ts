/** A schema, and where its steps are. */
export interface Schema {
  schema: string
  /** Holds `NNNN_name.up.sql` and `NNNN_name.down.sql`. */
  directory: string
}
