/** How a client asks the plan's search and fetch services. */

/** What to search for. */
export interface SearchQuery {
  readonly query: string;
  /** How many results, from 1 to 20. */
  readonly limit: number;
  /** Whether the results hold the text of their pages. */
  readonly withContent: boolean;
}

/** The requests of one client. */
export interface ServiceForm {
  /** The body for `/search`. */
  readonly search: (query: SearchQuery) => string;
  /** The body for `/fetch`. */
  readonly page: (url: string) => string;
  /** The fields of an upload, in their order. */
  readonly uploadFields: readonly ("purpose" | "file")[];
  /** Headers beside identity, token and type. */
  readonly headers: (callId: string) => Readonly<Record<string, string>>;
}
