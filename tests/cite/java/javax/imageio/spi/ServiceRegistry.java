// The ServiceRegistry of Java 8 as far as GeoToolkit 3 needs it, for the WFS 2.0 suite up to version 1.25.
//
// Since Java 9 the class refuses every category that is not of Image I/O, and the suite of 2015 keeps its coordinate
// reference systems in it. The suite stays as it is; this stands in for the class of the same name (--patch-module).
// SPDX-License-Identifier: Apache-2.0
package javax.imageio.spi;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;

public class ServiceRegistry {
    /** Chooses among providers. */
    public interface Filter {
        boolean filter(Object provider);
    }

    private final Map<Class<?>, List<Object>> providers = new LinkedHashMap<>();
    private final Map<Object, Set<Object>> before = new HashMap<>();

    public ServiceRegistry(Iterator<Class<?>> categories) {
        categories.forEachRemaining(category -> providers.put(category, new ArrayList<>()));
    }

    public static <T> Iterator<T> lookupProviders(Class<T> category, ClassLoader loader) {
        ServiceRegistry.class.getModule().addUses(category);
        return ServiceLoader.load(category, loader).iterator();
    }

    public static <T> Iterator<T> lookupProviders(Class<T> category) {
        return lookupProviders(category, Thread.currentThread().getContextClassLoader());
    }

    public Iterator<Class<?>> getCategories() {
        return List.copyOf(providers.keySet()).iterator();
    }

    public <T> boolean registerServiceProvider(T provider, Class<T> category) {
        List<Object> known = of(category);
        boolean isNew = known.removeIf(one -> one.getClass() == provider.getClass()) == false;
        known.add(provider);
        if (provider instanceof RegisterableService service) {
            service.onRegistration(this, category);
        }
        return isNew;
    }

    @SuppressWarnings("unchecked")
    public void registerServiceProvider(Object provider) {
        List.copyOf(providers.keySet()).stream().filter(category -> category.isInstance(provider))
            .forEach(category -> registerServiceProvider(provider, (Class<Object>) category));
    }

    public void registerServiceProviders(Iterator<?> all) {
        all.forEachRemaining(this::registerServiceProvider);
    }

    public <T> boolean deregisterServiceProvider(T provider, Class<T> category) {
        boolean known = of(category).remove(provider);
        if (known && provider instanceof RegisterableService service) {
            service.onDeregistration(this, category);
        }
        return known;
    }

    @SuppressWarnings("unchecked")
    public void deregisterServiceProvider(Object provider) {
        List.copyOf(providers.keySet()).stream().filter(category -> category.isInstance(provider))
            .forEach(category -> deregisterServiceProvider(provider, (Class<Object>) category));
    }

    public void deregisterAll(Class<?> category) {
        List.copyOf(of(category)).forEach(this::deregisterServiceProvider);
    }

    public void deregisterAll() {
        getCategories().forEachRemaining(this::deregisterAll);
    }

    public boolean contains(Object provider) {
        return providers.values().stream().anyMatch(known -> known.contains(provider));
    }

    @SuppressWarnings("unchecked")
    public <T> Iterator<T> getServiceProviders(Class<T> category, boolean useOrdering) {
        List<Object> known = new ArrayList<>(of(category));
        if (useOrdering) {
            Comparator<Object> first = (a, b) -> precedes(a, b) ? -1 : precedes(b, a) ? 1 : 0;
            known.sort(first);
        }
        return (Iterator<T>) known.iterator();
    }

    public <T> Iterator<T> getServiceProviders(Class<T> category, Filter filter, boolean useOrdering) {
        List<T> chosen = new ArrayList<>();
        getServiceProviders(category, useOrdering).forEachRemaining(one -> {
            if (filter.filter(one)) {
                chosen.add(one);
            }
        });
        return chosen.iterator();
    }

    public <T> T getServiceProviderByClass(Class<T> type) {
        return providers.values().stream().flatMap(List::stream).filter(one -> one.getClass() == type).map(type::cast)
            .findFirst().orElse(null);
    }

    public <T> boolean setOrdering(Class<T> category, T first, T second) {
        return before.computeIfAbsent(first, one -> new HashSet<>()).add(second);
    }

    public <T> boolean unsetOrdering(Class<T> category, T first, T second) {
        return before.getOrDefault(first, new HashSet<>()).remove(second);
    }

    private boolean precedes(Object first, Object second) {
        return before.getOrDefault(first, Set.of()).contains(second);
    }

    private List<Object> of(Class<?> category) {
        List<Object> known = providers.get(category);
        if (known == null) {
            throw new IllegalArgumentException("category unknown: " + category);
        }
        return known;
    }
}
