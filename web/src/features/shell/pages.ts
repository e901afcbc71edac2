import { Copy, FileWarning, HeartCrack, History, Images, type LucideIcon, ShieldCheck, Trash2 } from "lucide-react";

export type CarePage = "/trash" | "/history" | "/duplicates" | "/similar-pictures" | "/copies" | "/damage" | "/quarantine";

/** The pages that tell how the files fare. */
export const carePages: readonly { to: CarePage; icon: LucideIcon; label: string }[] = [
  { to: "/duplicates", icon: Copy, label: "Duplicates" },
  { to: "/similar-pictures", icon: Images, label: "Similar pictures" },
  { to: "/copies", icon: ShieldCheck, label: "Copies" },
  { to: "/damage", icon: HeartCrack, label: "Damage" },
  { to: "/quarantine", icon: FileWarning, label: "Unreadable" },
  { to: "/trash", icon: Trash2, label: "Trash" },
  { to: "/history", icon: History, label: "History" },
];
