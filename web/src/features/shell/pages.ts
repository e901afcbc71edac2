import { Copy, FileWarning, HeartCrack, Images, type LucideIcon, ShieldCheck } from "lucide-react";

export type CarePage = "/duplicates" | "/similar-pictures" | "/copies" | "/damage" | "/quarantine";

/** The pages that tell how the files fare. */
export const carePages: readonly { to: CarePage; icon: LucideIcon; label: string }[] = [
  { to: "/duplicates", icon: Copy, label: "Duplicates" },
  { to: "/similar-pictures", icon: Images, label: "Similar pictures" },
  { to: "/copies", icon: ShieldCheck, label: "Copies" },
  { to: "/damage", icon: HeartCrack, label: "Damage" },
  { to: "/quarantine", icon: FileWarning, label: "Unreadable" },
];
