// Inode numbers of namespaces: the initial ones are fixed, others take the lowest free number and give it back (rule 3.11).

export const INITIAL_INODE = {
  mnt: 4026531832, net: 4026531833, time: 4026531834, cgroup: 4026531835, pid: 4026531836, user: 4026531837, uts: 4026531838, ipc: 4026531839,
} as const;

export type NamespaceKind = keyof typeof INITIAL_INODE;

const FIRST = 0xf0000000;

export class NamespaceInodes {
  next: number = FIRST;
  readonly freed: number[] = [];

  take(): number {
    if (this.freed.length === 0) return this.next++;
    let lowest = 0;
    for (let i = 1; i < this.freed.length; i++) if (this.freed[i]! < this.freed[lowest]!) lowest = i;
    // rule 3.11
    return this.freed.splice(lowest, 1)[0]!;
  }

  free(inode: number): void {
    this.freed.push(inode);
  }
}
