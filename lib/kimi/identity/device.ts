/** The machine whose identity is sent. */

/** Facts of a machine, named and spelled as in Python's `platform` module. */
export interface DeviceFacts {
  /** The host name. */
  readonly node: string;
  /** `Linux`, `Darwin`, `Windows`, … */
  readonly system: string;
  /** The kernel's release; on Windows `10`, `11`, … */
  readonly release: string;
  /** `x86_64`, `arm64`, `AMD64`, … */
  readonly machine: string;
  /** The kernel's build string. */
  readonly version: string;
  /** `platform.mac_ver()[0]`: the product version of macOS. */
  readonly macVersion?: string;
  /** Build number of Windows. */
  readonly windowsBuild?: number;
}

/** A machine and the id that a client keeps for it. */
export interface Device extends DeviceFacts {
  /** Content of the file `device_id` in the client's folder. */
  readonly id: string;
}
