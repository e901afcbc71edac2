import { useQuery } from "@tanstack/react-query";
import { Heart, Plus } from "lucide-react";
import { type OpenDialog, openDialog } from "@/app/dialogs";
import { collectionsQuery, jobsQuery, locationsQuery, savedQuery, tagsQuery, volumesQuery } from "@/api/queries";
import type { Space, SpaceFill, SpaceGroup } from "@/api/types";
import { CollectionItem } from "@/features/collections/CollectionItem";
import { words as collectionWords } from "@/features/collections/words";
import { LocationItem } from "@/features/locations/LocationItem";
import { SavedItem } from "@/features/search/SavedItem";
import { PageLink, SearchLink } from "@/features/shell/SideLinks";
import { ownPages } from "@/features/shell/pages";
import { TagsSection } from "@/features/tags/TagsSection";
import { words as tagWords } from "@/features/tags/words";
import { VolumeItem, volumeKey } from "@/features/volumes/VolumeItem";
import { IconButton } from "@/ui/Button";
import { GroupSection } from "./GroupSection";
import { SpaceLine } from "./SpaceLine";
import { words } from "./words";

interface GroupProps {
  space: Space;
  group: SpaceGroup;
  onGo?: (() => void) | undefined;
}

/** The groups of a sidebar, in their order. */
export function Groups({ space, onGo }: { space: Space; onGo?: (() => void) | undefined }) {
  const groups = space.groups ?? [];
  return (
    <>
      {groups.map((group) => {
        const Filled = group.fill === undefined ? OwnGroup : filled[group.fill];
        return <Filled key={group.id === "" ? group.fill : group.id} space={space} group={group} onGo={onGo} />;
      })}
      {groups.length === 0 && <p className="px-2.5 pt-4 text-soft">{words.empty}</p>}
    </>
  );
}

function AddButton({ label, dialog, onGo }: { label: string; dialog: OpenDialog; onGo: (() => void) | undefined }) {
  return (
    <IconButton
      icon={Plus}
      label={label}
      small
      onClick={() => {
        onGo?.();
        openDialog(dialog);
      }}
    />
  );
}

/** A group with what people put into it. */
function OwnGroup({ space, group, onGo }: GroupProps) {
  return (
    <GroupSection space={space} group={group} onGo={onGo} action={<AddButton label={`${words.addInto.replace("…", "")}: ${group.name}`} dialog={{ kind: "space-add", group: group.id }} onGo={onGo} />}>
      <ul>
        {group.items.map((item, index) => <SpaceLine key={item.id} item={item} stands={{ space, group, index }} onGo={onGo} />)}
      </ul>
      {group.items.length === 0 && <p className="px-2.5 py-1 text-xs text-soft">{words.emptyGroup}</p>}
    </GroupSection>
  );
}

const go = (onGo: (() => void) | undefined) => (onGo === undefined ? {} : { onGo });

function Locations({ space, group, onGo }: GroupProps) {
  const { data, error } = useQuery(locationsQuery);
  const { data: jobs = [] } = useQuery(jobsQuery);
  return (
    <GroupSection space={space} group={group} onGo={onGo} error={error} action={<AddButton label={words.addLocation} dialog={{ kind: "add-location", path: "" }} onGo={onGo} />}>
      {data?.map((location) => <LocationItem key={location.id} location={location} jobs={jobs} {...go(onGo)} />)}
      {data?.length === 0 && <p className="px-2.5 py-1 text-soft">{words.noLocations}</p>}
    </GroupSection>
  );
}

function Volumes({ space, group, onGo }: GroupProps) {
  const { data, error } = useQuery(volumesQuery);
  return (
    <GroupSection space={space} group={group} onGo={onGo} error={error}>
      {[...(data ?? [])]
        .sort((a, b) => Number(b.state === "online") - Number(a.state === "online"))
        .map((volume) => <VolumeItem key={volumeKey(volume)} volume={volume} {...go(onGo)} />)}
      {data?.length === 0 && <p className="px-2.5 py-1 text-soft">{words.noVolumes}</p>}
    </GroupSection>
  );
}

function Saved({ space, group, onGo }: GroupProps) {
  const { data, error } = useQuery(savedQuery);
  if (data?.length === 0 && !space.stored) return null; // what nobody uses takes no room, until somebody has set the sidebar up
  return (
    <GroupSection space={space} group={group} onGo={onGo} error={error}>
      {data?.map((one) => <SavedItem key={one.name} saved={one} {...go(onGo)} />)}
      {data?.length === 0 && <p className="px-2.5 py-1 text-xs text-soft">{words.noSaved}</p>}
    </GroupSection>
  );
}

function TagGroup({ space, group, onGo }: GroupProps) {
  const { error } = useQuery(tagsQuery);
  return (
    <GroupSection space={space} group={group} onGo={onGo} error={error} action={<AddButton label={tagWords.addTag} dialog={{ kind: "tag", tag: undefined }} onGo={onGo} />}>
      <TagsSection {...go(onGo)} />
      {ownPages.map((page) => <PageLink key={page.to} {...page} onGo={onGo} />)}
    </GroupSection>
  );
}

function Collections({ space, group, onGo }: GroupProps) {
  const { data, error } = useQuery(collectionsQuery);
  return (
    <GroupSection space={space} group={group} onGo={onGo} error={error} action={<AddButton label={collectionWords.add} dialog={{ kind: "collection", collection: undefined }} onGo={onGo} />}>
      {data?.map((one) => <CollectionItem key={one.id} collection={one} {...go(onGo)} />)}
    </GroupSection>
  );
}

const mostFavourites = 8;

function Favourites({ space, group, onGo }: GroupProps) {
  return (
    <GroupSection space={space} group={group} onGo={onGo}>
      <ul>{group.items.slice(0, mostFavourites).map((item) => <SpaceLine key={item.entry ?? item.ref} item={item} onGo={onGo} />)}</ul>
      <SearchLink query="is:favourite" icon={Heart} label={group.items.length > mostFavourites ? words.moreFavourites : words.allFavourites} onGo={onGo} />
    </GroupSection>
  );
}

const filled: Readonly<Record<SpaceFill, (props: GroupProps) => React.ReactNode>> = {
  locations: Locations, volumes: Volumes, favourites: Favourites, tags: TagGroup, collections: Collections, saved: Saved,
};
